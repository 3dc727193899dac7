package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.Metric;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The content of a SCHEMA, inflated: table of label values, table of families, series in order. */
final class SchemaContent {
  private static final int SIMULATED = 1;

  /** The tables' numbers fit into two bytes. */
  static final int MOST_LABELS = 65_535;

  static final int MOST_FAMILIES = 4_096;

  private static final int LONGEST_LABEL = 1024;
  private static final int HIGHEST_CODE = 65_535;

  private SchemaContent() {}

  static void write(List<String> labels, SchemaShape shape, WireOutput out) {
    SchemaColumns columns = shape.columns();
    out.varint(labels.size());
    for (String label : labels) {
      byte[] text = label.getBytes(StandardCharsets.UTF_8);
      out.varint(text.length);
      out.raw(text);
    }
    out.varint(shape.families().size());
    for (SchemaFamily family : shape.families()) {
      out.varint(family.code());
      out.varint(family.labels());
    }
    out.varint(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      column(columns.column(i), out);
    }
  }

  private static void column(SchemaColumn column, WireOutput out) {
    out.varint(column.family());
    out.u8(column.simulated() ? SIMULATED : 0);
    out.u8(column.scale());
    for (int label : column.labels()) {
      out.varint(label);
    }
  }

  /**
   * @throws IllegalArgumentException where the bytes are no schema
   */
  static SeriesSchema read(WireInput in, KnownSchemas known, Hash128 hash) {
    List<String> labels = labels(in, known);
    List<SchemaFamily> families = families(in);
    List<SchemaColumn> columns = new ArrayList<>();
    for (int i = in.count("series", SeriesSchema.MOST_SERIES); i > 0; i--) {
      columns.add(column(in, families, labels.size()));
    }
    SchemaShape shape = new SchemaShape(families, new SchemaColumns(columns));
    return new SeriesSchema(labels, known.shape(shape), hash);
  }

  private static List<String> labels(WireInput in, KnownSchemas known) {
    List<String> labels = new ArrayList<>();
    for (int i = in.count("labels", MOST_LABELS); i > 0; i--) {
      String label = in.text("label", in.count("label length", LONGEST_LABEL));
      labels.add(known.label(Bounds.textOrNone("label", label, LONGEST_LABEL)));
    }
    return labels;
  }

  private static List<SchemaFamily> families(WireInput in) {
    List<SchemaFamily> families = new ArrayList<>();
    for (int i = in.count("families", MOST_FAMILIES); i > 0; i--) {
      families.add(
          new SchemaFamily(
              in.count("family code", HIGHEST_CODE),
              in.count("family labels", SchemaFamily.MOST_LABELS)));
    }
    return families;
  }

  private static SchemaColumn column(WireInput in, List<SchemaFamily> families, int labelCount) {
    int number = below("family", in.count("family", MOST_FAMILIES), families.size());
    SchemaFamily family = families.get(number);
    boolean simulated = (in.u8("series flags") & SIMULATED) != 0;
    if (simulated && family.metric().filter(m -> m.kind() != Metric.Kind.INFO).isPresent()) {
      throw Bounds.refused("series flags", "simulated", "none but on an info family");
    }
    byte scale = (byte) in.u8("scale");
    Bounds.between("scale", scale, DecimalScale.LEAST, DecimalScale.MOST);
    List<Integer> labels = new ArrayList<>();
    for (int i = family.labels(); i > 0; i--) {
      labels.add(below("label number", in.count("label number", MOST_LABELS), labelCount));
    }
    return new SchemaColumn(number, simulated, scale, labels);
  }

  private static int below(String field, int given, int end) {
    if (given >= end) {
      throw Bounds.refused(field, Integer.toString(given), "a number below " + end);
    }
    return given;
  }
}
