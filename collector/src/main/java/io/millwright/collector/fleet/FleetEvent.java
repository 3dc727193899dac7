package io.millwright.collector.fleet;

/**
 * Something that happened in the fleet.
 *
 * @param sequence rising, of this collector's start
 * @param wallMs when, by the clock of whoever tells it
 * @param kind as in {@code node-connected}
 * @param subject what it happened to
 * @param message one sentence
 * @param ticket under which the part is returned that it happened to, which is not for everybody;
 *     empty where none is
 */
public record FleetEvent(
    long sequence, long wallMs, String kind, String subject, String message, String ticket) {}
