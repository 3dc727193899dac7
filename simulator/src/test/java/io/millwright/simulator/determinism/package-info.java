/**
 * Agents, collectors and their stores in one thread, with a clock that stands until it is moved and
 * one source of chance: a seed is a history. What must hold of each is {@code design/safety.md},
 * and the invariants I1 to I10 behind it.
 */
@NullMarked
package io.millwright.simulator.determinism;

import org.jspecify.annotations.NullMarked;
