package io.millwright.collector.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which machine can be which. */
class PinTest {
  private static List<String> words(String text) {
    return text.equals("-") ? List.of() : List.of(text.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "nic:a nic:b,               nic:b nic:c,               true",
    "nic:a,                     nic:b,                     false",
    "machine-id:1 nic:a,        machine-id:1 nic:b,        false",
    "machine-id:1 nic:a,        machine-id:2 nic:a,        true",
    "board:1 nic:a,             board:1 nic:b,             true",
    "machine-id:1,              machine-id:2,              false",
    "machine-id:1,              machine-id:1,              true",
    "machine-id:1 nic:a,        machine-id:2,              false",
    "machine-id:1 nic:a,        machine-id:1,              true",
    "nic:a,                     -,                         true",
    "nic:a,                     machine-id:2,              true",
  })
  void aCopyOfTheDiskIsNotTheMachine(String known, String told, boolean can) {
    assertThat(new Pin(words(known), 1).canBe(words(told))).isEqualTo(can);
  }

  @ParameterizedTest
  @CsvSource({
    "machine-id:1,        machine-id:1,        S1 S2, S1 S3, true",
    "machine-id:1,        machine-id:1,        S1 S2, S3 S4, false",
    "machine-id:1,        machine-id:1,        S1,    S3,    false",
    "machine-id:1,        machine-id:1,        -,     S3,    true",
    "machine-id:1,        machine-id:1,        S1,    -,     true",
    "machine-id:1 nic:a,  machine-id:1 nic:a,  S1 S2, S3 S4, true",
    "machine-id:1 nic:a,  machine-id:1,        S1 S2, S3 S4, false",
    "machine-id:1,        machine-id:1 nic:a,  S1 S2, S3 S4, false",
  })
  void acceleratorsDecideWhereNoCardDoes(
      String known, String told, String pinned, String serials, boolean can) {
    assertThat(new Pin(words(known), words(pinned), 1).canHave(words(told), words(serials)))
        .isEqualTo(can);
  }

  @Test
  void silenceForgetsNothing() {
    Pin known = new Pin(List.of("machine-id:1", "nic:a"), 1);
    assertThat(known.next(List.of("machine-id:1"), 2)).isEqualTo(known);
    assertThat(known.next(List.of(), 2)).isEqualTo(known);
    assertThat(known.next(List.of("nic:a", "nic:b"), 2))
        .isEqualTo(new Pin(List.of("nic:a", "nic:b"), 2));
  }

  @Test
  void anAcceleratorThatIsSilentForAWhileIsKnownWhenItIsBack() {
    Pin known = new Pin(List.of("machine-id:1"), List.of("S1", "S2"), 7);
    Pin swapped = known.with(List.of("S1", "S3"));
    assertThat(swapped.accelerators()).containsExactly("S1", "S3", "S2");
    assertThat(swapped.with(List.of("S2"))).isSameAs(swapped);
    List<String> many =
        IntStream.range(0, Pin.MOST_ACCELERATORS - 1).mapToObj(i -> "T" + i).toList();
    assertThat(swapped.with(many).accelerators())
        .hasSize(Pin.MOST_ACCELERATORS)
        .startsWith("T0")
        .endsWith("S1");
  }

  @Test
  void isReadBackAsItWasWritten() {
    Pin known = new Pin(List.of("machine-id:1", "nic:a"), 1_800_000_000_000L);
    assertThat(Pin.parse(known.text())).contains(known);
    Pin equipped = new Pin(List.of("machine-id:1"), List.of("S1", "S2"), 7);
    assertThat(Pin.parse(equipped.text())).contains(equipped);
    assertThat(equipped.next(List.of("nic:a"), 8).accelerators()).containsExactly("S1", "S2");
    assertThat(equipped.with(List.of())).isEqualTo(equipped);
    assertThat(Pin.parse("rubbish")).isEmpty();
  }
}
