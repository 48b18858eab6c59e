/* SPDX-License-Identifier: MIT */
/* What starting up costs. */
int main(void)
{
    return 0;
}
