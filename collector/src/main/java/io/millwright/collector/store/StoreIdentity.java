package io.millwright.collector.store;

/**
 * Which store this is.
 *
 * @param id random, made when the store was made; a copy has it too
 * @param generation 1 when the store was made; a restore makes the next
 */
public record StoreIdentity(String id, long generation) {}
