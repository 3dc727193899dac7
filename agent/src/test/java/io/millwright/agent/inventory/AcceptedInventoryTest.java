package io.millwright.agent.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.bodies.InventoryBody;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcceptedInventoryTest {
  @TempDir private Path parent;
  private NodeSnapshot shown = snapshot();

  private Path directory() {
    return parent.resolve("health");
  }

  private Path file() {
    return directory().resolve("accepted-inventory.json");
  }

  private AcceptedInventory started() {
    AcceptedInventory inventory = new AcceptedInventory(directory(), () -> shown);
    inventory.start();
    return inventory;
  }

  private static NodeSnapshot snapshot(Series... series) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (Series one : series) {
      table.add(Cadence.SLOW, one);
    }
    return new NodeSnapshot(1, 1, List.of(new Readings(table.build()).sample()));
  }

  private void show(String vendor, String uuid, String serial) {
    shown =
        snapshot(
            Series.of(
                Metric.ACCELERATOR_INFO,
                "n1",
                "0",
                uuid,
                vendor,
                "some model",
                "0000:01:00.0",
                serial,
                "",
                "",
                "",
                "",
                "",
                ""));
  }

  private static InventoryBody eight(String chassis) {
    return new InventoryBody(
        7,
        chassis,
        IntStream.range(0, 8)
            .mapToObj(i -> new InventoryBody.Device("nvidia", "GPU-" + i, "SN" + i))
            .toList());
  }

  private static Frame.Inventory frame(InventoryBody body) {
    return new Frame.Inventory(Payload.of(body.json()));
  }

  private static void tell(AcceptedInventory inventory, InventoryBody body) {
    inventory.told(frame(body));
    inventory.turn();
  }

  @Test
  void oneAcceptedDeviceMakesItThisMachine() {
    AcceptedInventory inventory = started();
    tell(inventory, eight(""));
    assertThat(inventory.expected("nvidia")).as("nothing is seen yet").isEmpty();
    show("nvidia", "GPU-3", "SN3");
    inventory.turn();
    assertThat(inventory.expected("nvidia")).hasValue(8);
    assertThat(inventory.expected("aws")).as("none was accepted").isEmpty();
    shown = snapshot();
    inventory.turn();
    assertThat(inventory.expected("nvidia")).as("a machine stays the same").hasValue(8);
  }

  @Test
  void theSerialOfTheChassisMakesItThisMachine() {
    AcceptedInventory inventory = started();
    shown = chassis("J1");
    tell(inventory, eight("J2"));
    assertThat(inventory.expected("nvidia")).isEmpty();
    tell(inventory, eight("J1"));
    assertThat(inventory.expected("nvidia")).hasValue(8);
  }

  /** A serial number that is not told, of both, is no sign. */
  @Test
  void anUnknownChassisMakesItNoMachine() {
    AcceptedInventory inventory = started();
    shown = chassis("");
    tell(inventory, eight(""));
    assertThat(inventory.expected("nvidia")).isEmpty();
  }

  private static NodeSnapshot chassis(String serial) {
    return snapshot(Series.of(Metric.NODE_INFO, "n1", "", "", "", "", "", "", serial, "", ""));
  }

  @Test
  void anotherMachineOfTheNameIsNotMeasuredByIt() {
    AcceptedInventory inventory = started();
    show("nvidia", "GPU-other", "SN3");
    tell(inventory, eight(""));
    assertThat(inventory.expected("nvidia")).isEmpty();
    show("nvidia", "GPU-3", "SN-other");
    inventory.turn();
    assertThat(inventory.expected("nvidia")).isEmpty();
    show("nvidia", "GPU-3", "");
    inventory.turn();
    assertThat(inventory.expected("nvidia")).as("it does not tell its serial").hasValue(8);
  }

  /** Its UUID is made of the node's name and the device's number. */
  @Test
  void aNeuronDeviceWithoutASerialIsNoSignOfTheMachine() {
    AcceptedInventory inventory = started();
    show("aws", "neuron-n1-0", "");
    InventoryBody.Device unnamed = new InventoryBody.Device("aws", "neuron-n1-0", "");
    tell(inventory, new InventoryBody(7, "", List.of(unnamed)));
    assertThat(inventory.expected("aws")).isEmpty();
    show("aws", "neuron-5", "5");
    InventoryBody.Device named = new InventoryBody.Device("aws", "neuron-5", "5");
    tell(inventory, new InventoryBody(7, "", List.of(named, unnamed)));
    assertThat(inventory.expected("aws")).hasValue(2);
  }

  @Test
  void standsOverARestartUntilAnotherIsTold() {
    show("nvidia", "GPU-0", "SN0");
    tell(started(), eight(""));
    AcceptedInventory next = started();
    assertThat(next.expected("nvidia")).isEmpty();
    next.turn();
    assertThat(next.expected("nvidia")).hasValue(8);
    tell(next, new InventoryBody(9, "", eight("").devices().subList(0, 6)));
    assertThat(next.expected("nvidia")).hasValue(6);
    AcceptedInventory last = started();
    last.turn();
    assertThat(last.expected("nvidia")).hasValue(6);
    assertThat(directory()).isDirectoryContaining("glob:**/accepted-inventory.json");
    assertThat(directory()).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void whatSaysThatNothingIsAcceptedRemovesIt() {
    show("nvidia", "GPU-0", "SN0");
    AcceptedInventory inventory = started();
    tell(inventory, eight(""));
    assertThat(file()).exists();
    tell(inventory, InventoryBody.NONE);
    assertThat(inventory.expected("nvidia")).isEmpty();
    assertThat(file()).doesNotExist();
  }

  @Test
  void aDamagedFileIsAsNoneAndIsReplaced() throws IOException {
    show("nvidia", "GPU-0", "SN0");
    Files.createDirectories(directory());
    byte[] whole = eight("").json();
    List<byte[]> damaged = List.of(new byte[0], new byte[] {0, 1, 2}, Arrays.copyOf(whole, 100));
    for (byte[] bytes : damaged) {
      Files.write(file(), bytes);
      AcceptedInventory inventory = started();
      inventory.turn();
      assertThat(inventory.expected("nvidia")).isEmpty();
      tell(inventory, eight(""));
      assertThat(inventory.expected("nvidia")).hasValue(8);
      assertThat(file()).hasBinaryContent(whole);
    }
  }

  @Test
  void whatIsNoInventoryChangesNothing() {
    show("nvidia", "GPU-0", "SN0");
    AcceptedInventory inventory = started();
    tell(inventory, eight(""));
    inventory.told(new Frame.Inventory(Payload.ofText("{\"devices\":1}")));
    inventory.turn();
    assertThat(inventory.expected("nvidia")).hasValue(8);
    assertThat(file()).hasBinaryContent(eight("").json());
  }

  @Test
  void whatCouldNotBeKeptIsKeptLater() throws IOException {
    show("nvidia", "GPU-0", "SN0");
    Files.write(directory(), new byte[] {1});
    AcceptedInventory inventory = started();
    tell(inventory, eight(""));
    assertThat(inventory.expected("nvidia")).hasValue(8);
    Files.delete(directory());
    inventory.turn();
    assertThat(file()).hasBinaryContent(eight("").json());
  }
}
