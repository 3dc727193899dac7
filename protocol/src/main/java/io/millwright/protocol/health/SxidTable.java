package io.millwright.protocol.health;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is known of each error code of NVIDIA's switches, from {@code sxid.tsv}. Immutable. */
public final class SxidTable {
  static final SxidTable NONE = new SxidTable(Map.of());

  /** Judges a code that the table does not have. */
  static final String UNKNOWN_RULE = "sxid-unknown";

  private static final String TABLE = "sxid.tsv";
  private static final int COLUMNS = 4;

  private final Map<Integer, Sxid> codes;

  private SxidTable(Map<Integer, Sxid> codes) {
    this.codes = codes;
  }

  static SxidTable load() {
    return of(Tables.lines(TABLE));
  }

  static SxidTable of(List<String> lines) {
    Map<Integer, Sxid> codes = new TreeMap<>();
    for (String[] row : Tables.rows(TABLE, lines, COLUMNS)) {
      int code = Integer.parseInt(row[0]);
      Optional<String> rule = row[2].equals("-") ? Optional.empty() : Optional.of(row[2]);
      if (codes.put(code, new Sxid(code, kind(row[1]), rule, row[3])) != null) {
        throw new IllegalArgumentException("SXid %d is there twice".formatted(code));
      }
    }
    return new SxidTable(codes);
  }

  private static Sxid.Kind kind(String word) {
    return Sxid.Kind.valueOf(word.toUpperCase(Locale.ROOT));
  }

  public Optional<Sxid> find(int code) {
    return Optional.ofNullable(codes.get(code));
  }

  /** All of them, by their numbers. */
  public List<Sxid> all() {
    return List.copyOf(codes.values());
  }
}
