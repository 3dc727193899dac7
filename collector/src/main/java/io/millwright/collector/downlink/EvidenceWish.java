package io.millwright.collector.downlink;

import io.millwright.protocol.frames.CaptureKind;
import java.time.Duration;

/**
 * Evidence that is wanted of a node.
 *
 * @param test of the site; empty but for {@link CaptureKind#TEST}
 */
public record EvidenceWish(
    CaptureKind what, String test, String reason, String incident, Duration deadline) {}
