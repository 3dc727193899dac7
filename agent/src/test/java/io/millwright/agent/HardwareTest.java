package io.millwright.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a machine, read from files such as the kernel has. */
class HardwareTest {
  @TempDir private Path root = Path.of("");

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.resolve("..").normalize());
    Files.writeString(file, text);
  }

  private void card(String name, String address, String assigned, String bus) throws IOException {
    String place = "sys/class/net/" + name + "/";
    file(place + "address", address + "\n");
    file(place + "addr_assign_type", assigned + "\n");
    Files.createDirectories(root.resolve("sys/bus/" + bus));
    Files.createDirectories(root.resolve(place + "device"));
    Files.createSymbolicLink(
        root.resolve(place + "device/subsystem"), root.resolve("sys/bus/" + bus));
  }

  @Test
  void tellsTheMakersAddressesOfCards() throws IOException {
    card("eth0", "B8:59:9F:00:00:02", "0", "pci");
    card("eth1", "b8:59:9f:00:00:01", "0", "pci");
    card("ib0", "80:00:02:08:fe:80:00:00:00:00:00:00:b8:59:9f:03:00:0a:0b:0c", "0", "pci");
    card("usb0", "b8:59:9f:00:00:03", "0", "usb");
    card("local", "02:42:ac:11:00:02", "0", "pci");
    card("random", "b8:59:9f:00:00:04", "1", "pci");
    file("sys/class/net/docker0/address", "02:42:ac:11:00:01\n");
    file("sys/class/net/lo/address", "00:00:00:00:00:00\n");
    file("sys/class/net/bonding_masters", "\n");
    assertThat(new Hardware(root).words())
        .containsExactly(
            "nic:b8:59:9f:00:00:01", "nic:b8:59:9f:00:00:02", "nic:b8:59:9f:03:00:0a:0b:0c");
  }

  @Test
  void tellsIdsAndSerialNumbersOnlyAsHashes() throws IOException {
    file("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    file("sys/class/dmi/id/product_uuid", "4c4c4544-0042\n");
    file("sys/class/dmi/id/board_serial", "\n");
    assertThat(new Hardware(root).words())
        .hasSize(2)
        .allMatch(word -> word.matches("(machine-id|board):[0-9a-f]{32}"))
        .noneMatch(word -> word.contains("0123456789abcdef") || word.contains("4c4c4544"));
  }

  @Test
  void tellsNothingWhereNothingCanBeRead() {
    assertThat(new Hardware(root).words()).isEmpty();
  }

  @Test
  void tellsNoMoreThanAHelloTakes() throws IOException {
    file("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    for (int i = 10; i < 60; i++) {
      card("eth" + i, "b8:59:9f:00:00:" + i, "0", "pci");
    }
    assertThat(new Hardware(root).words()).hasSizeLessThanOrEqualTo(16);
  }
}
