package io.millwright.agent.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** The table {@code required.tsv}, and what the site adds to it. */
public final class Requirements {
  private static final String TABLE = "required.tsv";
  private static final int COLUMNS = 4;
  private static final String SERVICE = ".service";

  private final List<Requirement> rows;
  private final List<String> services;
  private final List<String> modules;

  private Requirements(List<Requirement> rows, List<String> services, List<String> modules) {
    this.rows = List.copyOf(rows);
    this.services = services.stream().map(Requirements::unit).toList();
    this.modules = modules.stream().map(module -> module.replace('-', '_')).toList();
  }

  /**
   * The agent's own table.
   *
   * @param services further ones, with or without {@code .service}
   * @param modules further ones
   */
  public static Requirements packaged(List<String> services, List<String> modules) {
    InputStream table =
        Objects.requireNonNull(Requirements.class.getResourceAsStream(TABLE), TABLE);
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(table, UTF_8))) {
      return of(lines.lines().toList(), services, modules);
    } catch (IOException e) {
      throw new UncheckedIOException("reading the packaged " + TABLE, e);
    }
  }

  static Requirements of(List<String> lines, List<String> services, List<String> modules) {
    List<Requirement> rows =
        lines.stream()
            .filter(line -> !line.startsWith("#"))
            .skip(1)
            .map(line -> row(line.split("\t", -1)))
            .toList();
    return new Requirements(rows, services, modules);
  }

  private static Requirement row(String[] cells) {
    if (cells.length != COLUMNS) {
      throw new IllegalArgumentException(
          "%s: row '%s' has %d columns; allowed is %d"
              .formatted(TABLE, String.join(" ", cells), cells.length, COLUMNS));
    }
    return new Requirement(
        Requirement.Kind.valueOf(cells[0].toUpperCase(Locale.ROOT)),
        cells[1],
        Stream.of(cells[2].split(",")).map(Condition::parse).toList());
  }

  private static String unit(String name) {
    return name.contains(".") ? name : name + SERVICE;
  }

  /** What the label {@code service} says of a unit. */
  static String label(String unit) {
    return unit.endsWith(SERVICE) ? unit.substring(0, unit.length() - SERVICE.length()) : unit;
  }

  /** The units that this machine needs, each once. */
  List<String> services(Machine machine) {
    return names(Requirement.Kind.SERVICE, machine, services);
  }

  /** The modules that this machine needs, each once. */
  List<String> modules(Machine machine) {
    return names(Requirement.Kind.MODULE, machine, modules);
  }

  private List<String> names(Requirement.Kind kind, Machine machine, List<String> added) {
    Stream<String> needed =
        rows.stream()
            .filter(row -> row.kind() == kind && machine.needs(row))
            .map(Requirement::name);
    return Stream.concat(needed, added.stream()).distinct().toList();
  }
}
