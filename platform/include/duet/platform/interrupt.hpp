// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace duet::platform {

/// From now on the first Ctrl-C (SIGINT) only raises a flag, so that a command can end with what it knows;
/// the second ends the program at once.
void catch_interrupts();
bool was_interrupted();

/// What the shell expects of a program that Ctrl-C ended: 128 + SIGINT.
inline constexpr int exit_interrupted = 130;

}  // namespace duet::platform
