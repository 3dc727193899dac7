package io.millwright.agent;

import io.millwright.protocol.tls.Fingerprint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * By what this machine is known again: words such as {@code nic:b8:59:9f:00:00:01} of its network
 * cards, {@code board:…} of its board where the agent may read that, and {@code machine-id:…} of
 * its disk. A copied disk has the last of the original, and none of the others.
 */
final class Hardware {
  private static final int MOST_CARDS = 12;
  private static final int DIGITS = 32;
  private static final Pattern ADDRESS = Pattern.compile("([0-9a-f]{2}:){5,19}[0-9a-f]{2}");
  private static final int LOCALLY_ADMINISTERED = 2;

  /** Characters of an address of six bytes. */
  private static final int ETHERNET = 17;

  /** Of the last eight bytes, which of InfiniBand (RFC 4391) are the card's: the rest changes. */
  private static final int PORT_GUID = 23;

  private final Path root;

  /**
   * @param root of the file system, as in {@code /}
   */
  Hardware(Path root) {
    this.root = root;
  }

  /** Sorted; at most 16. Files that are not there or may not be read are left out. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    text("etc/machine-id").map(Hardware::hidden).ifPresent(id -> words.add("machine-id:" + id));
    Stream.of("product_uuid", "board_serial")
        .flatMap(file -> text("sys/class/dmi/id/" + file).stream())
        .forEach(serial -> words.add("board:" + hidden(serial)));
    cards()
        .map(address -> "nic:" + address)
        .distinct()
        .sorted()
        .limit(MOST_CARDS)
        .forEach(words::add);
    return List.copyOf(words);
  }

  /** Of machine-id(5): it should not be told to the network as it is. Serial numbers likewise. */
  private static String hidden(String text) {
    return Fingerprint.of("millwright:" + text).hex().substring(0, DIGITS);
  }

  /** Addresses that the cards were made with; those of a bridge, a container or USB say nothing. */
  private Stream<String> cards() {
    List<Path> all;
    try (Stream<Path> interfaces = Files.list(root.resolve("sys/class/net"))) {
      all = interfaces.toList();
    } catch (IOException none) {
      return Stream.empty();
    }
    return all.stream().filter(Hardware::isCard).flatMap(card -> address(card).stream());
  }

  private static boolean isCard(Path card) {
    Path bus = card.resolve("device/subsystem");
    try {
      return Files.exists(card.resolve("device"))
          && !bus.toRealPath().endsWith("usb")
          && text(card.resolve("addr_assign_type")).equals(Optional.of("0"));
    } catch (IOException unknown) {
      return false;
    }
  }

  private static Optional<String> address(Path card) {
    return text(card.resolve("address"))
        .map(address -> address.toLowerCase(Locale.ROOT))
        .filter(address -> ADDRESS.matcher(address).matches())
        .filter(address -> address.length() != ETHERNET || isTheMakers(address))
        .map(address -> address.substring(Math.max(0, address.length() - PORT_GUID)));
  }

  private static boolean isTheMakers(String address) {
    return (Integer.parseInt(address.substring(0, 2), 16) & LOCALLY_ADMINISTERED) == 0;
  }

  private Optional<String> text(String file) {
    return text(root.resolve(file));
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.US_ASCII).strip())
          .filter(text -> !text.isEmpty());
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }
}
