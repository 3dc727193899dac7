package io.millwright.protocol.frames;

import java.util.List;

/**
 * What a schema has besides its label values: families, and the series as numbers. Nodes that are
 * built alike have equal ones; nothing in it says which node it is. Immutable.
 */
record SchemaShape(List<SchemaFamily> families, SchemaColumns columns) {
  SchemaShape {
    families = List.copyOf(families);
  }
}
