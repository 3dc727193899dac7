package io.millwright.collector.store;

import java.util.UUID;

/**
 * How far the events of a node are kept.
 *
 * @param journal that numbers them
 */
public record EventMark(UUID journal, long sequence) {}
