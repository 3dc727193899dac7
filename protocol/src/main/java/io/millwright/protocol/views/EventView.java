package io.millwright.protocol.views;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something that happened; {@code GET /v1/events}.
 *
 * @param sequence of the collector, rising, also over its restarts; the cursor {@code after}
 * @param atMs when it was told, by the clock of whoever tells it
 * @param kind as in {@code node-connected}
 * @param subject what it happened to, as in {@code rack1-n3} or {@code rack1-n3 accelerator 3}
 * @param message one sentence, about the last of them where there are several
 * @param node whose it is
 * @param severity {@code info}, {@code warning} or {@code fatal}, where an agent tells it
 * @param device uuid
 * @param accelerator index of the device
 * @param instance what of the device, as in {@code gi1}
 * @param code as in {@code 79}
 * @param count how many an agent tells of here
 * @param firstMs when the first of them was
 * @param lastMs when the last of them was
 * @param job that had the device; only for those who may see jobs
 * @param ticket under which the part is returned that it happened to; only for those who may see
 *     jobs
 */
public record EventView(
    long sequence,
    long atMs,
    String kind,
    String subject,
    String message,
    Optional<String> node,
    Optional<String> severity,
    Optional<String> device,
    Optional<String> accelerator,
    Optional<String> instance,
    Optional<String> code,
    OptionalLong count,
    OptionalLong firstMs,
    OptionalLong lastMs,
    Optional<String> job,
    Optional<String> ticket) {}
