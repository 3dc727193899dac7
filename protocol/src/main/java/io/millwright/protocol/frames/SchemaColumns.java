package io.millwright.protocol.frames;

import java.util.ArrayList;
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

  int scale(int index) {
    return scales[index];
  }

  SchemaColumn column(int index) {
    List<Integer> own = new ArrayList<>();
    for (int i = firstLabels[index]; i < firstLabels[index + 1]; i++) {
      own.add((int) labels[i]);
    }
    return new SchemaColumn(families[index], simulated[index], scales[index], own);
  }
}
