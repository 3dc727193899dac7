package io.millwright.protocol.health;

import java.util.Optional;

/**
 * What is known of one error code.
 *
 * @param code NVIDIA's number
 * @param rule id of the rule that judges it; empty where nothing follows from it
 * @param fault whose fault it is, as in {@code job} or {@code device}
 * @param meaning in one sentence
 */
public record Xid(int code, Optional<String> rule, String fault, String meaning) {}
