package io.millwright.drivers.nvml;

import io.millwright.protocol.vocabulary.Cadence;

/**
 * A call that is made less often than it should be, because it takes too long or fails.
 *
 * @param call the C function
 * @param cadence at which it is made now
 * @param failing whether for failing, and not for what it costs
 */
public record Demotion(String call, Cadence cadence, boolean failing) {}
