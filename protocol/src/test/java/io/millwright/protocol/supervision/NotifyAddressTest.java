package io.millwright.protocol.supervision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NotifyAddressTest {

  private static byte[] bytes(String name) {
    return NotifyAddress.of(name).orElseThrow().bytes();
  }

  @Test
  void aPathEndsWithANul() {
    byte[] address = bytes("/run/systemd/notify");
    assertThat(ByteBuffer.wrap(address).order(ByteOrder.nativeOrder()).getShort())
        .isEqualTo((short) 1);
    assertThat(new String(address, 2, address.length - 2, UTF_8))
        .isEqualTo("/run/systemd/notify\0");
  }

  /** Its length tells where it ends: a NUL more would be another name. */
  @Test
  void anAbstractNameBeginsWithANulAndEndsWithItsLetters() {
    byte[] address = bytes("@/org/freedesktop/notify");
    assertThat(new String(address, 2, address.length - 2, UTF_8))
        .isEqualTo("\0/org/freedesktop/notify");
  }

  @Test
  void theLongestPathLeavesRoomForItsNul() {
    assertThat(bytes("/" + "x".repeat(106))).hasSize(2 + 108);
    assertThat(NotifyAddress.of("/" + "x".repeat(107))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "@", "vsock:2:1234", "relative/path"})
  void whatIsNoAddressIsNone(String name) {
    assertThat(NotifyAddress.of(name)).isEmpty();
  }
}
