package io.millwright.agent.systemd;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/**
 * A property of a transient unit, by its name on the bus.
 *
 * <p>Names that end in {@code Ex} are refused: systemd 252 writes them into the unit's file by
 * names that it does not read back, so that they are lost, or the unit is spoilt, at the next
 * daemon-reload.
 */
public final class Property {
  private static final BigInteger INFINITY = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9 ._:/@=,+-]*");

  private final String name;
  private final String signature;
  private final Object value;

  private Property(String name, String signature, Object value) {
    if (name.endsWith("Ex")) {
      throw new IllegalArgumentException(name + " does not outlive a daemon-reload");
    }
    this.name = name;
    this.signature = signature;
    this.value = value;
  }

  /**
   * Systemd 252 writes it unescaped into the unit's file, so that only what has no meaning there
   * may be in it.
   */
  public static Property text(String name, String value) {
    if (!PLAIN.matcher(value).matches()) {
      throw new IllegalArgumentException(name + ": '" + value + "' cannot stand in a unit's file");
    }
    return new Property(name, "s", value);
  }

  public static Property truth(String name, boolean value) {
    return new Property(name, "b", value);
  }

  public static Property number(String name, long value) {
    return new Property(name, "t", new UInt64(value));
  }

  /** No limit. */
  public static Property infinity(String name) {
    return new Property(name, "t", new UInt64(INFINITY));
  }

  /** A whole number with a sign. */
  public static Property signed(String name, int value) {
    return new Property(name, "i", value);
  }

  /** A mode of files. */
  public static Property mode(String name, int value) {
    return new Property(name, "u", value);
  }

  public static Property texts(String name, List<String> values) {
    values.forEach(value -> text(name, value));
    return new Property(name, "as", List.copyOf(values));
  }

  /** Pairs of words, as {@code DeviceAllow} and {@code TemporaryFileSystem} have them. */
  public static Property pairs(String name, List<Pair> pairs) {
    pairs.forEach(pair -> {
      text(name, pair.first());
      text(name, pair.second());
    });
    return new Property(
        name,
        "a(ss)",
        pairs.stream().map(pair -> new Object[] {pair.first(), pair.second()}).toList());
  }

  /** A file that a unit's processes see at another place too, as {@code BindPaths} has it. */
  public static Property bound(String source, String place) {
    text("BindPaths", source);
    text("BindPaths", place);
    UInt64 whole = new UInt64(0x4000); // MS_REC, linux/mount.h: systemd.exec(5) calls it rbind
    return new Property(
        "BindPaths", "a(ssbt)", List.<Object[]>of(new Object[] {source, place, false, whole}));
  }

  /** A list of which nothing else is allowed, as {@code RestrictAddressFamilies} has it. */
  public static Property only(String name, List<String> words) {
    words.forEach(word -> text(name, word));
    return new Property(name, "(bas)", new Object[] {true, List.copyOf(words)});
  }

  /** Numbers as a mask, as {@code AllowedCPUs} has them: eight to a byte, the lowest first. */
  public static Property mask(String name, Collection<Integer> numbers) {
    BitSet bits = new BitSet();
    numbers.forEach(bits::set);
    return new Property(name, "ay", bits.toByteArray());
  }

  /** Fields that the journal adds to what the unit's processes write there. */
  public static Property journalFields(Map<String, String> fields) {
    List<byte[]> lines = new ArrayList<>();
    new TreeMap<>(fields)
        .forEach((field, value) -> {
          text(field, value);
          lines.add((field + "=" + value).getBytes(StandardCharsets.US_ASCII));
        });
    return new Property("LogExtraFields", "aay", lines);
  }

  /** One word of two. */
  public record Pair(String first, String second) {}

  /** A file with {@code NAME="value"} lines that must be there. */
  public static Property environmentFile(String path) {
    text("EnvironmentFiles", path);
    List<Object[]> files = List.of(new Object[][] {{path, false}});
    return new Property("EnvironmentFiles", "a(sb)", files);
  }

  /**
   * The program and its arguments, the first of which is its name. A dollar sign stands for itself:
   * systemd would put variables in its place.
   */
  public static Property command(String program, List<String> argv) {
    List<String> words = argv.stream().map(word -> word.replace("$", "$$")).toList();
    List<Object[]> commands = List.of(new Object[][] {{program, words, false}});
    return new Property("ExecStart", "a(sasb)", commands);
  }

  public String name() {
    return name;
  }

  /** As the bus takes it. */
  Object[] onTheBus() {
    return new Object[] {name, new Variant<>(value, signature)};
  }

  @Override
  public String toString() {
    return name;
  }
}
