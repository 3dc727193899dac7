package io.millwright.drivers.nvml;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How grave an Xid is, by {@code xid.tsv} beside this class. */
public final class XidCatalogue {
  private static final String TABLE = "xid.tsv";

  private final Map<Integer, String> classes;

  private XidCatalogue(Map<Integer, String> classes) {
    this.classes = classes;
  }

  /** Reads the packaged table. */
  public static XidCatalogue load() {
    InputStream table =
        Objects.requireNonNull(XidCatalogue.class.getResourceAsStream(TABLE), TABLE);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8))) {
      return new XidCatalogue(
          lines
              .lines()
              .filter(line -> !line.startsWith("#") && !line.startsWith("xid"))
              .map(line -> line.split("\t", -1))
              .collect(
                  Collectors.toMap(
                      row -> Integer.valueOf(row[0]), row -> row[1], (a, b) -> a, TreeMap::new)));
    } catch (IOException e) {
      throw new UncheckedIOException("reading the packaged " + TABLE, e);
    }
  }

  /** {@code fatal}, {@code warning} or {@code info}; a code that nobody knows is a warning. */
  public String severity(int code) {
    return switch (classes.getOrDefault(code, "UNKNOWN")) {
      case "HW_FATAL", "FW" -> "fatal";
      case "APP", "INFO", "SW", "SYMPATHETIC", "UNUSED" -> "info";
      default -> "warning";
    };
  }

  /** The label of a code: its number, or {@code other} where the catalogue does not have it. */
  public String label(int code) {
    return classes.containsKey(code) ? Integer.toString(code) : "other";
  }

  /** The codes whose first occurrence must alert, and so count from 0. */
  public List<Integer> fatalCodes() {
    return classes.keySet().stream().filter(code -> severity(code).equals("fatal")).toList();
  }
}
