package io.millwright.drivers.passthrough;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Reading;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The message and its answers byte by byte, against bytes made by hand from the kernel's header and
 * DCMI's specification: no management controller was asked.
 */
class DcmiPowerTest {
  private static final Path DEVICE = Path.of("/dev/ipmi0");
  private static final long NUMBER = 0x1122;

  /** 1,300 W now, 200 to 1,900 W, 900 W on average over 1,000 s; measuring. */
  private static final String POWER =
      "00dc" + "1405" + "c800" + "6c07" + "8403" + "11223344" + "40420f00" + "40";

  /** A message that waits to be taken. */
  private record Message(long number, int function, int command, String answer) {}

  private static final class OneNode implements Kernel {
    private final Deque<Message> waiting = new ArrayDeque<>();
    private final List<String> sent = new ArrayList<>();
    private int refused;

    OneNode(Message... messages) {
      waiting.addAll(List.of(messages));
    }

    @Override
    public int open(String path, int flags) {
      return path.equals(DEVICE.toString()) && flags == 0xa0002 ? 9 : -Kernel.ENOENT;
    }

    @Override
    public int ioctl(int descriptor, long request, Pointer argument) {
      if (request == 0x8028690dL) {
        String message =
            "to %s %s number %x message %s %s"
                .formatted(
                    HexFormat.of().formatHex(argument.getPointer(0).getByteArray(0, 8)),
                    HexFormat.of().formatHex(argument.getByteArray(8, 4)),
                    argument.getLong(16),
                    HexFormat.of().formatHex(argument.getByteArray(24, 4)),
                    HexFormat.of().formatHex(argument.getPointer(32).getByteArray(0, 4)));
        sent.add(message);
        return refused;
      }
      assertThat(request).isEqualTo(0xc030690bL);
      assertThat(argument.getInt(16)).isEqualTo(40);
      Message next = waiting.remove();
      argument.setInt(0, 1); // a response
      argument.setLong(24, next.number());
      argument.setByte(32, (byte) next.function());
      argument.setByte(33, (byte) next.command());
      byte[] answer = HexFormat.of().parseHex(next.answer());
      int room = Short.toUnsignedInt(argument.getShort(34));
      int taken = Math.min(room, answer.length);
      argument.getPointer(40).write(0, answer, 0, taken);
      argument.setShort(34, (short) taken);
      return taken < answer.length ? -Kernel.EMSGSIZE : 0;
    }

    @Override
    public int awaitInput(int descriptor, int milliseconds) {
      assertThat(milliseconds).isBetween(1, 5000);
      return waiting.isEmpty() ? 0 : 1;
    }

    @Override
    public void close(int descriptor) {
      assertThat(descriptor).isEqualTo(9);
    }
  }

  private static Message answer(String bytes) {
    return new Message(NUMBER, 0x2D, 2, bytes);
  }

  private static Reading asked(Message... messages) {
    return new DcmiPower(new OneNode(messages)).read(DEVICE, NUMBER);
  }

  @Test
  void oneMessageIsSentAndNoOther() {
    OneNode node = new OneNode(answer(POWER));
    assertThat(new DcmiPower(node).read(DEVICE, NUMBER)).isEqualTo(new Reading.Measured(1300));
    assertThat(node.sent)
        .containsExactly("to 0c0000000f000000 08000000 number 1122 message 2c020400 dc010000");
  }

  @Test
  void anotherMessageIsNotTheAnswer() {
    assertThat(asked(new Message(5, 0x2D, 2, POWER), answer(POWER)))
        .isEqualTo(new Reading.Measured(1300));
    assertThat(asked(new Message(NUMBER, 0x01, 2, POWER)))
        .isEqualTo(new Reading.Unavailable(Fault.TIMEOUT));
    Message foreign = new Message(5, 0x2D, 2, POWER);
    assertThat(asked(foreign, foreign, foreign, answer(POWER)))
        .isEqualTo(new Reading.Unavailable(Fault.TIMEOUT));
    assertThat(asked(answer(POWER + "00".repeat(80)))).isEqualTo(new Reading.Measured(1300));
  }

  @Test
  void completionCodesAreFaultsOrSayThatItIsNotMeasured() {
    assertThat(asked(answer("c1dc"))).isEqualTo(new Reading.Unsupported());
    assertThat(asked(answer("cc"))).isEqualTo(new Reading.Unsupported());
    assertThat(asked(answer("c0"))).isEqualTo(new Reading.Unavailable(Fault.TIMEOUT));
    assertThat(asked(answer("d4"))).isEqualTo(new Reading.Unavailable(Fault.PERMISSION));
    assertThat(asked(answer("ff"))).isEqualTo(new Reading.Unavailable(Fault.OTHER));
    assertThat(asked(answer(POWER.substring(0, 36) + "00"))).isEqualTo(new Reading.Unsupported());
  }

  @Test
  void whatIsNoAnswerIsNotBelieved() {
    for (String garbage :
        List.of(
            "", "00", "00dc1405", POWER.replace("00dc", "00dd"), POWER.replace("1405", "0000"))) {
      assertThat(asked(answer(garbage)))
          .as(garbage)
          .isEqualTo(new Reading.Unavailable(Fault.PARSE));
    }
  }

  @Test
  void aSilentControllerAndARefusedMessageAreFaults() {
    assertThat(asked()).isEqualTo(new Reading.Unavailable(Fault.TIMEOUT));
    OneNode node = new OneNode();
    node.refused = -Kernel.EPERM;
    assertThat(new DcmiPower(node).read(DEVICE, NUMBER))
        .isEqualTo(new Reading.Unavailable(Fault.PERMISSION));
    assertThat(new DcmiPower(node).read(Path.of("/dev/ipmi7"), NUMBER))
        .isEqualTo(new Reading.Unavailable(Fault.NOT_FOUND));
  }

  /** The kernel of this machine. */
  @Test
  void theRealCallFailsOnWhatIsNoController() {
    assertThat(new DcmiPower().read(Path.of("/dev/null"), NUMBER))
        .isEqualTo(new Reading.Unavailable(Fault.OTHER)); // ENOTTY
  }
}
