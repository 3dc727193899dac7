package io.millwright.drivers.neuron.binding;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.neuron.binding.IoctlLayout.Core;
import io.millwright.drivers.nvml.binding.NativeBlock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Bytes written by hand from the structures of the driver's header (2.26.5), little-endian as both
 * architectures are. Never compared with a driver that runs.
 */
class IoctlLayoutTest {
  private final NativeBlock block = new NativeBlock(IoctlLayout.BLOCK);

  @AfterEach
  void giveBack() {
    block.close();
  }

  private void bytes(int at, int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      int word = (at + i) & ~3;
      int shift = 8 * ((at + i) & 3);
      block.putInt(word, (block.getInt(word) & ~(0xff << shift)) | (bytes[i] << shift));
    }
  }

  private int read(int at) {
    return block.getUnsignedByte(at);
  }

  /** {@code _IOC(dir, 'N', nr, size)}: two bits, eight, eight and fourteen. */
  @Test
  void numbersHoldTheLetterAndTheSizeOfTheirStructure() {
    for (PassiveCall call : PassiveCall.values()) {
      int letter = (int) (call.number() >> 8) & 0xff;
      int size = (int) (call.number() >> 16) & 0x3fff;
      assertThat(letter).as(call.name()).isEqualTo('N');
      boolean sizeOfPointer = call == PassiveCall.BDF_EXT; // its macro has the size of a pointer, 8
      assertThat(size).as(call.name()).isEqualTo(sizeOfPointer ? 8 : call.bytes());
      assertThat(call.bytes()).isLessThanOrEqualTo(IoctlLayout.BLOCK);
    }
  }

  @Test
  void basicIsTwoNumbers() {
    bytes(0, 4, 0, 0, 0, 2, 1, 0, 0);
    assertThat(IoctlLayout.basic(block)).isEqualTo(new IoctlLayout.Basic(4, 0x102));
  }

  @Test
  void theDriversFeaturesAreBehindFourNumbers() {
    bytes(0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0x40);
    assertThat(IoctlLayout.driver(block))
        .isEqualTo(new IoctlLayout.Driver(3, 1, 0x40000000_00000081L));
  }

  @Test
  void theAddressIsAskedByNumberAndAnsweredBehindIt() {
    IoctlLayout.askBdf(block, 11);
    assertThat(read(0)).isEqualTo(11);
    bytes(4, 1, 0, 0, 0, 0xa0, 0, 0, 0, 0x1c, 3);
    assertThat(IoctlLayout.bdf(block).text()).isEqualTo("0001:a0:1c.3");
  }

  @Test
  void routingIdsAreAsManyAsCounted() {
    IoctlLayout.askRids(block);
    assertThat(read(0)).isEqualTo(64);
    bytes(0, 3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 7);
    assertThat(IoctlLayout.rids(block)).containsExactly(0, 3, 4);
    bytes(0, 65, 0, 0, 0);
    assertThat(IoctlLayout.rids(block)).isEmpty();
    bytes(0, 0xff, 0xff, 0xff, 0xff);
    assertThat(IoctlLayout.rids(block)).isEmpty();
  }

  @Test
  void theMapIsPointedToAndBoundBefore() {
    IoctlLayout.askMap(block);
    assertThat(block.getLong(0)).isEqualTo(block.address(0) + 16);
    assertThat(read(8)).isEqualTo(128);
    assertThat(block.getInt(12)).isZero();
    bytes(16, 2, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0);
    assertThat(IoctlLayout.map(block)).isEqualTo(List.of(new Core(0, 4), new Core(1, 2)));
    bytes(16, 129, 0, 0, 0);
    assertThat(IoctlLayout.map(block)).isEmpty();
  }

  /** The whole of a full map lies within the block. */
  @Test
  void aFullMapFits() {
    bytes(16, 128, 0, 0, 0);
    bytes(16 + 4 + 8 * 127, 15, 0, 0, 0, 7, 0, 0, 0);
    assertThat(IoctlLayout.map(block)).hasSize(128).last().isEqualTo(new Core(15, 7));
  }

  @Test
  void thePodsSizeIsAskedByAndItsNodeMayBeNegative() {
    IoctlLayout.askPod(block, PassiveCall.POD_STATUS_V2);
    assertThat(read(0) | (read(1) << 8)).isEqualTo(276);
    bytes(2, 'p', '-', '7', 0);
    bytes(260, 3, 0, 0, 0, 2, 4, 0xff, 0, 1, 0, 0, 0, 0x16, 0, 0, 0);
    assertThat(IoctlLayout.pod(block, PassiveCall.POD_STATUS_V2))
        .isEqualTo(new IoctlLayout.Pod("p-7", 3, 2, 4, -1, 1, 0x16));
    assertThat(IoctlLayout.pod(block, PassiveCall.POD_STATUS))
        .isEqualTo(new IoctlLayout.Pod("p-7", 3, 2, 4, -1, 0, 0));
  }

  @Test
  void aPodsIdThatCannotBePrintedIsNone() {
    bytes(2, 'p', 7, 0);
    assertThat(IoctlLayout.pod(block, PassiveCall.POD_STATUS).id()).isEmpty();
  }
}
