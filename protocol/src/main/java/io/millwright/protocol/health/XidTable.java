package io.millwright.protocol.health;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is known of each error code of NVIDIA's, from {@code xid.tsv}. Immutable. */
public final class XidTable {
  /** The label of every code that the table does not have. */
  public static final String OTHER = "other";

  /** What a code means that no table has. */
  static final String NOT_KNOWN = "a code that this version does not know";

  /** Judges a code that the table does not have. */
  static final String UNKNOWN_RULE = "xid-unknown";

  private static final String TABLE = "xid.tsv";
  private static final int COLUMNS = 5;

  private final Map<Integer, Xid> codes;

  private XidTable(Map<Integer, Xid> codes) {
    this.codes = codes;
  }

  static XidTable load() {
    return of(Tables.lines(TABLE));
  }

  static XidTable of(List<String> lines) {
    Map<Integer, Xid> codes = new TreeMap<>();
    for (String[] row : Tables.rows(TABLE, lines, COLUMNS)) {
      int code = Integer.parseInt(row[0]);
      Optional<String> rule = row[2].equals("-") ? Optional.empty() : Optional.of(row[2]);
      codes.put(code, new Xid(code, rule, row[3], row[4]));
    }
    return new XidTable(codes);
  }

  public Optional<Xid> find(int code) {
    return Optional.ofNullable(codes.get(code));
  }

  /** All of them, by their numbers. */
  public List<Xid> all() {
    return List.copyOf(codes.values());
  }

  /** What it means, in one sentence. */
  public String meaning(int code) {
    return find(code).map(Xid::meaning).orElse(NOT_KNOWN);
  }
}
