/* SPDX-License-Identifier: MIT */
/* Implements the goldfish real-time clock: nanoseconds since 1970, as in QEMU's
 * goldfish_rtc and Linux's rtc-goldfish. It starts at --epoch and never asks
 * the host. */
#include "base/wide.h"
#include "dev/rtc.h"

enum {
    TIME_LOW = 0x00,
    TIME_HIGH = 0x04,
    ALARM_LOW = 0x08,
    ALARM_HIGH = 0x0c,
    IRQ_ENABLED = 0x10,
    CLEAR_ALARM = 0x14,
    ALARM_STATUS = 0x18,
    CLEAR_INTERRUPT = 0x1c
};

static u64 wall(const struct rtc *r, u64 cycle)
{
    u64 rest;

    return r->offset_ns +
           wide_divide(wide_mul(cycle, 1000000000u), r->clock_hz, &rest).lo;
}

static void update_line(struct rtc *r)
{
    plic_set(r->plic, device_map[DEV_RTC].irq,
             r->irq_pending && r->irq_enabled);
}

void rtc_init(struct rtc *r, struct plic *p, struct events *q, u64 clock_hz,
              u64 epoch_seconds)
{
    memset(r, 0, sizeof(*r));
    r->plic = p;
    r->events = q;
    r->clock_hz = clock_hz;
    r->offset_ns = epoch_seconds * 1000000000u;
}

void rtc_reset(struct rtc *r)
{
    r->alarm_armed = r->irq_enabled = r->irq_pending = false;
    r->events->at[EV_RTC] = NEVER;
    update_line(r);
}

void rtc_state(struct rtc *r, struct state *s)
{
    state_tag(s, "rtc");
    state_vals(s, r->offset_ns, r->alarm_ns, r->latched);
    state_flag(s, &r->alarm_armed);
    state_flag(s, &r->irq_enabled);
    state_flag(s, &r->irq_pending);
}

void rtc_event(struct rtc *r, u64 now)
{
    u64 rest;
    r->events->at[EV_RTC] = NEVER;
    if (!r->alarm_armed)
        return;
    if (wall(r, now) >= r->alarm_ns) {
        r->alarm_armed = false;
        r->irq_pending = true;
        update_line(r);
        return;
    }
    /* First cycle at which wall() reaches the alarm. */
    u128 c = wide_mul(r->alarm_ns - r->offset_ns, r->clock_hz);
    c = wide_divide(wide_add(c, wide_of(999999999)), 1000000000, &rest);
    r->events->at[EV_RTC] = c.hi ? NEVER : c.lo;
}

bool rtc_read(struct rtc *r, u64 offset, unsigned bytes, u64 now, u64 *value)
{
    if (bytes != 4)
        return false;
    *value = 0;
    switch (offset) {
    case TIME_LOW: /* latches the high half */
        r->latched = wall(r, now);
        *value = r->latched & 0xffffffff;
        break;
    case TIME_HIGH:
        *value = r->latched >> 32;
        break;
    case ALARM_LOW:
        *value = r->alarm_ns & 0xffffffff;
        break;
    case ALARM_HIGH:
        *value = r->alarm_ns >> 32;
        break;
    case IRQ_ENABLED:
        *value = r->irq_enabled;
        break;
    case ALARM_STATUS:
        *value = r->alarm_armed;
        break;
    }
    return true;
}

/* Writing a half of the time sets the clock. */
static void set_wall(struct rtc *r, u64 now, u64 ns)
{
    r->offset_ns += ns - wall(r, now);
    rtc_event(r, now);
}

bool rtc_write(struct rtc *r, u64 offset, unsigned bytes, u64 now, u64 value)
{
    u64 t = wall(r, now);
    if (bytes != 4)
        return false;
    switch (offset) {
    case TIME_LOW:
        set_wall(r, now, (t & ~0xffffffffull) | value);
        break;
    case TIME_HIGH:
        set_wall(r, now, (t & 0xffffffff) | value << 32);
        break;
    case ALARM_LOW: /* arms; Linux writes the high half first */
        r->alarm_ns = (r->alarm_ns & ~0xffffffffull) | value;
        r->alarm_armed = true;
        rtc_event(r, now);
        break;
    case ALARM_HIGH:
        r->alarm_ns = (r->alarm_ns & 0xffffffff) | value << 32;
        break;
    case IRQ_ENABLED:
        r->irq_enabled = value & 1;
        update_line(r);
        break;
    case CLEAR_ALARM:
        r->alarm_armed = false;
        rtc_event(r, now);
        break;
    case CLEAR_INTERRUPT:
        r->irq_pending = false;
        update_line(r);
        break;
    }
    return true;
}
