package io.millwright.protocol.frames;

import java.util.List;

/**
 * One series in the numbers of its schema's tables.
 *
 * @param family number in the table of families
 * @param simulated whether it says so
 * @param scale decimal scale of its values
 * @param labels numbers in the table of label values
 */
record SchemaColumn(int family, boolean simulated, int scale, List<Integer> labels) {
  SchemaColumn {
    labels = List.copyOf(labels);
  }
}
