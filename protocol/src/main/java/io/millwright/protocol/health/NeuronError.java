package io.millwright.protocol.health;

import java.util.Optional;

/**
 * What is known of one type of error that the Neuron runtime writes to the kernel log.
 *
 * @param type as it is written
 * @param label the word of the error counters
 * @param rule id of the rule that judges it; empty where nothing follows from it
 * @param meaning in one sentence
 */
public record NeuronError(String type, String label, Optional<String> rule, String meaning) {}
