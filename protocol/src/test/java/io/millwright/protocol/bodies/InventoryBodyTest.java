package io.millwright.protocol.bodies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.frames.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The JSON of what was accepted, there and back. */
class InventoryBodyTest {
  private static final InventoryBody BODY =
      new InventoryBody(
          1_800_000_000_123L,
          "J1234",
          List.of(
              new InventoryBody.Device("nvidia", "GPU-1", "1650000000001"),
              new InventoryBody.Device("aws", "neuron-n1-0", "")));

  private static InventoryBody read(String text) {
    return InventoryBody.of(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsWhatItWrote() {
    assertThat(InventoryBody.of(BODY.json())).isEqualTo(BODY);
    assertThat(InventoryBody.of(InventoryBody.NONE.json())).isEqualTo(InventoryBody.NONE);
    assertThat(new String(InventoryBody.NONE.json(), StandardCharsets.UTF_8))
        .isEqualTo("{\"accepted_ms\":0,\"chassis\":\"\",\"devices\":[]}");
  }

  @Test
  void fitsIntoItsFrameAtItsLongest() {
    String longest = "x".repeat(80);
    InventoryBody.Device device = new InventoryBody.Device(longest, longest, longest);
    InventoryBody body =
        new InventoryBody(
            Long.MAX_VALUE, longest, Collections.nCopies(InventoryBody.MOST_DEVICES, device));
    byte[] json = body.json();
    assertThat(json.length).isLessThanOrEqualTo(Payload.LONGEST_BODY);
    assertThat(InventoryBody.of(json)).isEqualTo(body);
  }

  @Test
  void saysWhatIsWrongOfAnother() {
    assertThatThrownBy(() -> read("{\"accepted_ms\":1,\"chassis\":\"\",\"devices\":[]}"))
        .isInstanceOf(JsonMistake.class)
        .hasMessage(
            "accepted_ms: 1 is refused; allowed is a time from 1 with the devices that were accepted then, or 0 with none");
    assertThatThrownBy(() -> read("{\"accepted_ms\":0,\"chassis\":\"\\u0007\",\"devices\":[]}"))
        .isInstanceOf(JsonMistake.class)
        .hasMessageStartingWith("chassis: ")
        .hasMessageEndingWith(
            "allowed is 1 to 80 printable ASCII characters, no quote or backslash");
    assertThat(InventoryBody.fits("a\"b")).isFalse();
    assertThat(InventoryBody.fits("a\\b")).isFalse();
    assertThat(InventoryBody.fits("SN 1/2-3")).isTrue();
    assertThatThrownBy(() -> read("{\"accepted_ms\":0,\"chassis\":\"\",\"devices\":[],\"x\":1}"))
        .isInstanceOf(JsonMistake.class)
        .hasMessageStartingWith("x: no such field");
    assertThatThrownBy(() -> read("{\"accepted_ms\":0,\"chas")).isInstanceOf(JsonMistake.class);
    InventoryBody.Device device = new InventoryBody.Device("nvidia", "GPU-1", "");
    assertThatThrownBy(() ->
            new InventoryBody(1, "", Collections.nCopies(InventoryBody.MOST_DEVICES + 1, device)))
        .isInstanceOf(JsonMistake.class)
        .hasMessage("devices: 129 are refused; allowed are 128 at most");
  }
}
