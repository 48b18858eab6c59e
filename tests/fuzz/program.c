/* SPDX-License-Identifier: MIT */
/* A seed for fuzz_source: an example of each kind of debug information. */
enum kind { LITTLE, MORE = 3 };
struct part {
    struct part *next;
    unsigned low : 3, high : 13;
    enum kind kind;
    union {
        long number;
        unsigned char bytes[2][3];
    };
    int (*call)(int);
};
typedef struct part part_t;
struct part v = {.number = 5};
static volatile int sink;

static inline int inlined(int x)
{
    int y = x * 3;
    sink = y;
    return y + 1;
}

__attribute__((noipa)) int called(int x, part_t *p)
{
    int z = inlined(x) + p->low;
    sink = 0;
    for (int i = 0; i < z; i++) {
        const char *s = "text";
        sink += s[i & 3];
    }
    return p->kind == MORE;
}

int main(int argc, char **argv)
{
    double real = argc;
    v.high = (unsigned)called(argc + 1, &v);
    return (int)real + (argv != 0) + called(argc, v.next);
}
