/* SPDX-License-Identifier: MIT */
/* Describes the target for gdb as XML (gdb manual 13, appendix G). Registers
 * come from the hart's tables, so gdb knows a CSR once it is in the table.
 * Threads are the guest's tasks. */
#include "gdb/internal.h"
#include "inspect/words.h"

#include <stdio.h>

static FILE *open_text(char **text, size_t *n)
{
    FILE *f = open_memstream(text, n);
    if (!f)
        die("gdb", "out of memory");
    return f;
}

static void put_register(FILE *f, const char *name, unsigned number,
                         const char *type)
{
    fprintf(f, "<reg name=\"%s\" bitsize=\"64\" regnum=\"%u\" type=\"%s\"/>\n",
            name, number, type);
}

static void put_feature(FILE *f, const char *name)
{
    fprintf(f, "<feature name=\"org.gnu.gdb.riscv.%s\">\n", name);
}

static bool is_fpu_csr(unsigned csr)
{
    return csr == CSR_fflags || csr == CSR_frm || csr == CSR_fcsr;
}

static void put_fpu(FILE *f)
{
    put_feature(f, "fpu");
    fprintf(f, "<union id=\"riscv_double\">\n"
               "<field name=\"float\" type=\"ieee_single\"/>\n"
               "<field name=\"double\" type=\"ieee_double\"/>\n"
               "</union>\n");
    for (unsigned i = 0; i < 32; i++)
        put_register(f, isa_fname[i], MACHINE_F + i, "riscv_double");
    for (unsigned csr = 0; csr < 4096; csr++)
        if (is_fpu_csr(csr))
            put_register(f, hart_csr_name(csr), MACHINE_CSR + csr, "int");
    fprintf(f, "</feature>\n");
}

char *describe_target(struct gdb *g, size_t *n)
{
    char *text;
    FILE *f = open_text(&text, n);
    fprintf(f, "<?xml version=\"1.0\"?>\n"
               "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
               "<target version=\"1.0\">\n"
               "<architecture>riscv:rv64</architecture>\n"
               /* With GNU/Linux, gdb's default, gdb would step by a breakpoint
                * at the next address, which an instruction that traps may never
                * reach. */
               "<osabi>none</osabi>\n");
    put_feature(f, "cpu");
    for (unsigned i = 0; i < 32; i++)
        put_register(f, isa_xname[i], i,
                     i == 1             ? "code_ptr"
                     : i == 2 || i == 8 ? "data_ptr"
                                        : "int");
    put_register(f, "pc", MACHINE_PC, "code_ptr");
    fprintf(f, "</feature>\n");
    if (hart_has(&g->m->hart, EXT_F))
        put_fpu(f);
    put_feature(f, "csr");
    for (unsigned csr = 0; csr < 4096; csr++)
        if (!is_fpu_csr(csr) && hart_csr_name(csr))
            put_register(f, hart_csr_name(csr), MACHINE_CSR + csr, "int");
    fprintf(f, "</feature>\n");
    put_feature(f, "virtual");
    put_register(f, "priv", MACHINE_PRIV, "int");
    fprintf(f, "</feature>\n</target>\n");
    fclose(f);
    return text;
}

/* Writes text, which has printable characters only (inspect/), as XML. */
static void put_escaped(FILE *f, const char *text)
{
    for (; *text; text++)
        if (strchr("<>&\"", *text))
            fprintf(f, "&#%d;", *text);
        else
            putc(*text, f);
}

static void put_thread(FILE *f, u32 number, const char *name, const char *state)
{
    fprintf(f, "<thread id=\"%x\" core=\"0\" name=\"", number);
    put_escaped(f, name);
    fprintf(f, "\">%s</thread>\n", state);
}

static void put_task(void *f, const struct ins_proc *p)
{
    if (p->pid < GDB_HART)
        put_thread(f, p->pid, p->name, inspect_proc_state_word(p->state));
}

char *describe_threads(struct gdb *g, size_t *n)
{
    char *text;
    FILE *f = open_text(&text, n);
    fprintf(f, "<?xml version=\"1.0\"?>\n<threads>\n");
    if (thread_current(g) == GDB_HART)
        put_thread(f, GDB_HART, "hart", "no process");
    inspect_tasks(g->m, put_task, f);
    fprintf(f, "</threads>\n");
    fclose(f);
    return text;
}
