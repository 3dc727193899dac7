package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.job.RunId;
import java.util.OptionalDouble;

/**
 * What a run that goes on uses of its host, as its control group of version 2 says it. What was not
 * read is absent.
 *
 * @param memoryBytes in use now
 * @param userSeconds of processors since the group is there, outside the kernel
 * @param systemSeconds the same inside the kernel
 * @param oomKills processes that the kernel ended for want of memory
 */
public record RunUse(
    RunId run,
    OptionalDouble memoryBytes,
    OptionalDouble userSeconds,
    OptionalDouble systemSeconds,
    OptionalDouble oomKills) {}
