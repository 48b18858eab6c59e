/* SPDX-License-Identifier: MIT */
#pragma once

#include "dev/bus.h"
#include "dev/plic.h"

struct rtc {
    struct plic *plic;
    struct events *events;
    u64 clock_hz;
    u64 offset_ns; /* the wall clock at cycle 0 */
    u64 alarm_ns, latched;
    bool alarm_armed, irq_enabled, irq_pending;
};
void rtc_init(struct rtc *r, struct plic *p, struct events *q, u64 clock_hz,
              u64 epoch_seconds);
void rtc_reset(struct rtc *r);
void rtc_state(struct rtc *r, struct state *s);
bool rtc_read(struct rtc *r, u64 offset, unsigned bytes, u64 now, u64 *value);
bool rtc_write(struct rtc *r, u64 offset, unsigned bytes, u64 now, u64 value);
void rtc_event(struct rtc *r, u64 now); /* EV_RTC */
