/* SPDX-License-Identifier: MIT */
/* Defines the named DRAM parts by dram_parts.def, and prints `--dram list`. */
#include <stdio.h>

#include "time/dram/dram.h"

static const struct dram_part parts[] = {
#define PART(name_, mhz_, tck, cl_, cwl_, rcd_, rp_, ras_, rc_, rfc_, refi_,   \
             faw_, rrds, rrdl, ccds, ccdl, wr_, wtrs, wtrl, rtp_, bl, col,     \
             groups, banks_)                                                   \
    {.name = name_,                                                            \
     .tck_ns = tck,                                                            \
     .mhz = mhz_,                                                              \
     .cl = cl_,                                                                \
     .cwl = cwl_,                                                              \
     .rcd = rcd_,                                                              \
     .rp = rp_,                                                                \
     .ras = ras_,                                                              \
     .rc = rc_,                                                                \
     .rfc = rfc_,                                                              \
     .refi = refi_,                                                            \
     .faw = faw_,                                                              \
     .rrd_s = rrds,                                                            \
     .rrd_l = rrdl,                                                            \
     .ccd_s = ccds,                                                            \
     .ccd_l = ccdl,                                                            \
     .wr = wr_,                                                                \
     .wtr_s = wtrs,                                                            \
     .wtr_l = wtrl,                                                            \
     .rtp = rtp_,                                                              \
     .burst = bl,                                                              \
     .column_bits = col,                                                       \
     .bank_groups = groups,                                                    \
     .banks = banks_},
#include "time/dram/dram_parts.def"
#undef PART
};

const struct dram_part *dram_part_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!strcmp(parts[i].name, name))
            return &parts[i];
    return NULL;
}

void dram_part_list(void)
{
    printf("DRAM parts; times in clocks, from public speed bins. One "
           "channel, one rank,\nopen page, FR-FCFS, a queue of %d writes; a "
           "read waits while more than %d wait;\n2 clocks of bus turn-round.\n",
           DRAM_QUEUE, DRAM_DRAIN_LOW);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const struct dram_part *p = &parts[i];
        printf("%-12s %u MHz (tCK %g ns), CL %u CWL %u RCD %u RP %u RAS %u "
               "RC %u RFC %u REFI %u\n"
               "%12s FAW %u RRD %u/%u CCD %u/%u WR %u WTR %u/%u RTP %u, "
               "burst %u clocks,\n"
               "%12s %u groups of %u banks, rows of %u bytes\n",
               p->name, p->mhz, p->tck_ns, p->cl, p->cwl, p->rcd, p->rp, p->ras,
               p->rc, p->rfc, p->refi, "", p->faw, p->rrd_s, p->rrd_l, p->ccd_s,
               p->ccd_l, p->wr, p->wtr_s, p->wtr_l, p->rtp, p->burst, "",
               p->bank_groups, p->banks, 64u << p->column_bits);
    }
}
