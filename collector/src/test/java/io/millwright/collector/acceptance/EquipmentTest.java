package io.millwright.collector.acceptance;

import static io.millwright.collector.acceptance.Racks.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.acceptance.Racks.Board;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is read out of labels, and what counts as a change. */
class EquipmentTest {
  private static final Board A = new Board(1, "A", "97.01");
  private static final Board B = new Board(2, "B", "97.01");

  private static Equipment told(String product, String driver, Board... boards) {
    return EquipmentReader.of(table("n1", product, driver, boards));
  }

  @Test
  void theLabelsSayWhatIsThere() {
    Equipment equipment = told("C1", "580.1", A);
    assertThat(equipment.chassis()).containsExactly(java.util.Map.entry("product", "C1"));
    assertThat(equipment.drivers()).containsExactly(java.util.Map.entry("nvidia", "580.1"));
    Device device = Objects.requireNonNull(equipment.devices().get("0000:01:00.0"));
    assertThat(device.serial()).isEqualTo("A");
    assertThat(device.firmware())
        .containsExactly(
            java.util.Map.entry("gsp", "570.1"), java.util.Map.entry("vbios", "97.01"));
  }

  @Test
  void eachChangeIsSaidInWords() {
    Equipment before = told("C1", "580.1", A, B);
    assertThat(Changes.between(before, before)).isEmpty();
    assertThat(Changes.between(before, told("C1", "580.1", A, new Board(2, "X", "97.01"))))
        .containsExactly("0000:02:00.0: serial B went, serial X came");
    assertThat(Changes.between(before, told("C2", "581.0", A, B)))
        .containsExactly(
            "chassis serial (product) from C1 to C2", "driver of nvidia from 580.1 to 581.0");
    assertThat(Changes.between(before, told("C1", "580.1", A, new Board(2, "B", "97.02"))))
        .containsExactly("0000:02:00.0: vbios from 97.01 to 97.02");
    assertThat(
            Changes.between(
                before, told("C1", "580.1", new Board(1, "A", "9"), new Board(2, "B", "9"))))
        .containsExactly("2 accelerators: vbios from 97.01 to 9");
    assertThat(Changes.between(before, told("C1", "580.1", A, B, new Board(3, "C", "97.01"))))
        .containsExactly("0000:03:00.0: serial C came");
    assertThat(
            Changes.between(
                before,
                told("C1", "580.1", new Board(1, "B", "97.01"), new Board(2, "A", "97.01"))))
        .containsExactly(
            "0000:01:00.0: serial B moved here from 0000:02:00.0",
            "0000:02:00.0: serial A moved here from 0000:01:00.0");
  }

  @Test
  void whatIsNotToldIsNoChange() {
    Equipment before = told("C1", "580.1", A, B);
    for (Equipment part :
        new Equipment[] {
          told("", "", A), told("", "580.1"), told("C1", "", new Board(1, "A", "")), Equipment.NONE
        }) {
      assertThat(before.with(part)).isEqualTo(before);
      assertThat(Changes.between(before, part)).isEmpty();
    }
  }

  @Test
  void anExchangeIsSeenThroughWhatWasKnown() {
    Equipment before = told("C1", "580.1", A, B);
    Equipment after = before.with(told("C1", "580.1", new Board(2, "A", "97.01")));
    assertThat(after.devices()).containsOnlyKeys("0000:02:00.0");
    assertThat(before.with(told("C1", "580.1", new Board(2, "X", "1"))).devices())
        .hasSize(2)
        .containsKey("0000:01:00.0");
  }

  /** Two GPUs of one superchip have one board serial number. */
  @Test
  void devicesOfOneBoardAreTwo() {
    TreeMap<String, Device> devices = new TreeMap<>();
    devices.put("a", new Device("nvidia", "0", "m", "S", "GPU-1", new TreeMap<>()));
    devices.put("b", new Device("nvidia", "1", "m", "S", "GPU-2", new TreeMap<>()));
    Equipment board = new Equipment(new TreeMap<>(), devices, new TreeMap<>());
    assertThat(board.with(board)).isEqualTo(board);
    TreeMap<String, Device> other = new TreeMap<>(devices);
    other.put("b", new Device("nvidia", "1", "m", "S", "GPU-3", new TreeMap<>()));
    assertThat(Changes.between(board, new Equipment(new TreeMap<>(), other, new TreeMap<>())))
        .containsExactly("b: GPU-2 went, GPU-3 came");
  }

  /** Whatever part of a node is told, in whatever order, says that nothing has changed. */
  @Test
  void noPartOfTheSameEquipmentIsAChange() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Equipment whole = told("C1", "580.1", A, B, new Board(3, "C", "97.01"));
    for (int i = 0; i < 500; i++) {
      TreeMap<String, Device> some = new TreeMap<>(whole.devices());
      some.values().removeIf(device -> random.nextBoolean());
      some.replaceAll((slot, device) -> random.nextBoolean() ? bare(device) : device);
      Equipment part =
          new Equipment(
              random.nextBoolean() ? whole.chassis() : new TreeMap<>(),
              some,
              random.nextBoolean() ? whole.drivers() : new TreeMap<>());
      assertThat(whole.with(part)).as("seed " + seed).isEqualTo(whole);
    }
  }

  private static Device bare(Device device) {
    return new Device(
        device.vendor(), device.index(), device.model(), "", device.uuid(), new TreeMap<>());
  }

  @Test
  void whatIsKeptIsReadAgain() {
    Equipment seen = told("C1", "580.1", A, B);
    NodeAcceptance node =
        new NodeAcceptance(
            "n1",
            seen,
            7,
            "000000000000006",
            Optional.of(new Pass(seen, 8, "anna", "new pumps")),
            Optional.of(
                new TestSource.Run("000000000000009", 9, TestSource.Result.FAILED, "too hot")));
    assertThat(EquipmentJson.node(EquipmentJson.of(node))).isEqualTo(node);
    NodeAcceptance fresh = NodeAcceptance.of("n1", Equipment.NONE, 7, "");
    assertThat(EquipmentJson.node(EquipmentJson.of(fresh))).isEqualTo(fresh);
    assertThat(EquipmentJson.node(EquipmentJson.of(fresh).replace(",\"after\":\"\"", "")).after())
        .as("of an older collector")
        .isEqualTo("000000000000006");
  }
}
