#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Checks a third of the lessons of tools/lessons (tests/lib/Lessons.pm).
use strict;
use warnings;
use lib 'tests/lib';
use Lessons;

check_lessons(1);
