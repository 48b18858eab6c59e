/* SPDX-License-Identifier: MIT */
/* Ends at once: measures the cost of starting up. */
int main(void)
{
    return 0;
}
