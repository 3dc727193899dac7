package io.millwright.protocol.health;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is known of each type of AWS Neuron's errors, from {@code neuron-errors.tsv}. Immutable. */
public final class NeuronErrorTable {
  static final NeuronErrorTable NONE = new NeuronErrorTable(Map.of());

  private static final String TABLE = "neuron-errors.tsv";
  private static final int COLUMNS = 4;

  private final Map<String, NeuronError> types;

  private NeuronErrorTable(Map<String, NeuronError> types) {
    this.types = types;
  }

  static NeuronErrorTable load() {
    return of(Tables.lines(TABLE));
  }

  static NeuronErrorTable of(List<String> lines) {
    Map<String, NeuronError> types = new LinkedHashMap<>();
    for (String[] row : Tables.rows(TABLE, lines, COLUMNS)) {
      Optional<String> rule = row[2].equals("-") ? Optional.empty() : Optional.of(row[2]);
      types.put(row[0], new NeuronError(row[0], row[1], rule, row[3]));
    }
    return new NeuronErrorTable(types);
  }

  public Optional<NeuronError> find(String type) {
    return Optional.ofNullable(types.get(type));
  }

  /** All of them, in the order of the table. */
  public List<NeuronError> all() {
    return List.copyOf(types.values());
  }
}
