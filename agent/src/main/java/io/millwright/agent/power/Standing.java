package io.millwright.agent.power;

import java.util.OptionalLong;

/**
 * The limit of one accelerator that its driver says was requested.
 *
 * @param milliwatts empty where it could not be read
 * @param readAtNanos when, in monotonic time
 */
public record Standing(OptionalLong milliwatts, long readAtNanos) {}
