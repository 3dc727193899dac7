package io.millwright.agent.host;

import java.util.List;

/**
 * One row of {@code required.tsv}.
 *
 * @param name of the unit with its type, or of the module with underscores
 * @param where all of these must hold
 */
record Requirement(Kind kind, String name, List<Condition> where) {
  enum Kind {
    SERVICE,
    MODULE
  }

  Requirement {
    where = List.copyOf(where);
  }
}
