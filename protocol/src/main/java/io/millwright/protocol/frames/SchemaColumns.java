package io.millwright.protocol.frames;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All columns of a schema as primitive arrays: some twenty bytes a series. Immutable. */
final class SchemaColumns {
  private final char[] families;
  private final boolean[] simulated;
  private final byte[] scales;
  private final int[] firstLabels;
  private final char[] labels;

  SchemaColumns(List<SchemaColumn> columns) {
    families = new char[columns.size()];
    simulated = new boolean[columns.size()];
    scales = new byte[columns.size()];
    firstLabels = new int[columns.size() + 1];
    labels = new char[columns.stream().mapToInt(column -> column.labels().size()).sum()];
    for (int i = 0; i < columns.size(); i++) {
      put(i, columns.get(i));
    }
  }

  private void put(int index, SchemaColumn column) {
    families[index] = (char) column.family();
    simulated[index] = column.simulated();
    scales[index] = (byte) column.scale();
    int next = firstLabels[index];
    for (int label : column.labels()) {
      labels[next++] = (char) label;
    }
    firstLabels[index + 1] = next;
  }

  int size() {
    return families.length;
  }

  int family(int index) {
    return families[index];
  }

  boolean simulated(int index) {
    return simulated[index];
  }

  /** How many labels the series at this place has. */
  int labels(int index) {
    return firstLabels[index + 1] - firstLabels[index];
  }

  /** The number that one of them has in the table of label values. */
  int label(int index, int number) {
    return labels[firstLabels[index] + number];
  }

  int scale(int index) {
    return scales[index];
  }

  /** Of the columns in order; shared, so not to be written to. */
  byte[] scales() {
    return scales;
  }

  SchemaColumn column(int index) {
    List<Integer> own = new ArrayList<>();
    for (int i = firstLabels[index]; i < firstLabels[index + 1]; i++) {
      own.add((int) labels[i]);
    }
    return new SchemaColumn(families[index], simulated[index], scales[index], own);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SchemaColumns that
        && Arrays.equals(families, that.families)
        && Arrays.equals(simulated, that.simulated)
        && Arrays.equals(scales, that.scales)
        && Arrays.equals(firstLabels, that.firstLabels)
        && Arrays.equals(labels, that.labels);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(labels) * 31 + Arrays.hashCode(families);
  }
}
