/* SPDX-License-Identifier: MIT */
/* Every reserved compressed encoding of RV64C is illegal (unprivileged manual,
 * tables 16.5 to 16.7), and mtval holds its 16 bits. */
#include "isa_test.h"

#define RESERVED(bits)      \
    TRAPS(CAUSE_ILLEGAL)    \
1:  .half bits;             \
    TRAPPED                 \
    CHECK(TVAL, bits)       \
    CHECK_ADDR(EPC, 1b)

BEGIN
TEST(1) /* all zero is defined illegal */
    RESERVED(0x0000)
TEST(2) /* c.addi4spn by 0 */
    RESERVED(0x0004)
    RESERVED(0x000c)
    RESERVED(0x001c)
TEST(3) /* quadrant 0, funct3 4 */
    RESERVED(0x8000)
    RESERVED(0x8fff & ~3)
    RESERVED(0x9ffc)
    RESERVED(0x9c00)
TEST(4) /* c.addiw to x0 */
    RESERVED(0x2001)
    RESERVED(0x2005)
    RESERVED(0x307d)
TEST(5) /* c.addi16sp by 0, c.lui of 0 */
    RESERVED(0x6101)
    RESERVED(0x6201)
    RESERVED(0x6401)
    RESERVED(0x6f81)
TEST(6) /* quadrant 1, beside c.subw and c.addw */
    RESERVED(0x9c41)
    RESERVED(0x9c61)
    RESERVED(0x9fdd)
    RESERVED(0x9ffd)
TEST(7) /* c.lwsp and c.ldsp to x0 */
    RESERVED(0x4002)
    RESERVED(0x507e)
    RESERVED(0x6002)
    RESERVED(0x707e)
TEST(8) /* c.jr x0 */
    RESERVED(0x8002)
END
