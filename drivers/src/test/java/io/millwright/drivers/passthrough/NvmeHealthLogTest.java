package io.millwright.drivers.passthrough;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import io.millwright.drivers.passthrough.NvmeHealthLog.Health;
import io.millwright.drivers.passthrough.NvmeHealthLog.Result;
import io.millwright.protocol.vocabulary.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The request and the answer byte by byte, against bytes made by hand from the specification: no
 * controller was asked.
 */
class NvmeHealthLogTest {
  private static final Path DEVICE = Path.of("/dev/nvme0");

  /** 72 bytes; those of the address of the answer are taken out. */
  private static final String REQUEST =
      "02 00 00 00 ff ff ff ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
          + " -- -- -- -- -- -- -- -- 00 00 00 00 00 02 00 00 02 80 7f 00 00 00 00 00"
          + " 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";

  /** A kernel that answers one request with a log. */
  private static final class OneController implements Kernel {
    private final byte[] log;
    private final int status;
    private final List<String> calls = new ArrayList<>();

    OneController(byte[] log, int status) {
      this.log = log;
      this.status = status;
    }

    @Override
    public int open(String path, int flags) {
      calls.add("open %s %x".formatted(path, flags));
      return 7;
    }

    @Override
    public int ioctl(int descriptor, long request, Pointer argument) {
      byte[] command = argument.getByteArray(0, 72);
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < command.length; i++) {
        text.append(i == 0 ? "" : " ");
        text.append(i >= 24 && i < 32 ? "--" : HexFormat.of().toHexDigits(command[i]));
      }
      calls.add("ioctl %d %x %s".formatted(descriptor, request, text));
      argument.getPointer(24).write(0, log, 0, log.length);
      return status;
    }

    @Override
    public int awaitInput(int descriptor, int milliseconds) {
      throw new AssertionError("nothing is waited for");
    }

    @Override
    public void close(int descriptor) {
      calls.add("close " + descriptor);
    }
  }

  /** Warning, 0x0134 kelvin, spare 97 of 10 at least, used 103, media errors 0x0102. */
  private static byte[] worn() {
    byte[] log = new byte[512];
    byte[] head = {0x04, 0x34, 0x01, 97, 10, 103};
    System.arraycopy(head, 0, log, 0, head.length);
    log[160] = 0x02;
    log[161] = 0x01;
    return log;
  }

  @Test
  void oneRequestIsMadeAndNoOther() {
    OneController controller = new OneController(worn(), 0);
    assertThat(new NvmeHealthLog(controller).read(DEVICE))
        .isEqualTo(
            new Result.Told(
                new Health(4, OptionalInt.of(308), OptionalInt.of(97), 103, OptionalLong.of(258))));
    assertThat(controller.calls)
        .containsExactly("open /dev/nvme0 a0000", "ioctl 7 c0484e41 " + REQUEST, "close 7");
  }

  @Test
  void aVirtualControllerThatGivesNothingIsUnsupported() {
    assertThat(new NvmeHealthLog(new OneController(new byte[512], 0)).read(DEVICE))
        .isEqualTo(new Result.Unsupported());
    byte[] warm = new byte[512];
    warm[1] = 0x34;
    warm[2] = 0x01;
    assertThat(NvmeHealthLog.health(warm))
        .isEqualTo(
            new Result.Told(
                new Health(0, OptionalInt.of(308), OptionalInt.empty(), 0, OptionalLong.of(0))));
    byte[] spent = new byte[512];
    spent[4] = 10; // nothing is left of the spare
    assertThat(NvmeHealthLog.health(spent))
        .isEqualTo(
            new Result.Told(
                new Health(0, OptionalInt.empty(), OptionalInt.of(0), 0, OptionalLong.of(0))));
  }

  /** With and without the bit that says that it is of no use to ask again. */
  @Test
  void aControllerWithoutTheLogIsUnsupported() {
    for (int status : List.of(0x4109, 0x0109, 0x4001, 0x0001, 0x4002, 0x2002)) {
      OneController controller = new OneController(worn(), status);
      assertThat(new NvmeHealthLog(controller).read(DEVICE))
          .as("status %x", status)
          .isEqualTo(new Result.Unsupported());
      assertThat(controller.calls).last().isEqualTo("close 7");
    }
  }

  @Test
  void aControllerThatIsGoneIsNotBelieved() {
    byte[] ones = new byte[512];
    java.util.Arrays.fill(ones, (byte) 0xff);
    assertThat(new NvmeHealthLog(new OneController(ones, 0)).read(DEVICE))
        .isEqualTo(new Result.Failed(Fault.PARSE));
    byte[] many = worn();
    many[168] = 1; // the upper half of 128 bits
    assertThat(NvmeHealthLog.health(many))
        .isInstanceOfSatisfying(
            Result.Told.class, told -> assertThat(told.health().mediaErrors()).isEmpty());
  }

  @Test
  void theCodeOfTheCallComesFirst() {
    for (List<Object> row :
        List.<List<Object>>of(
            List.of(-13, Fault.PERMISSION),
            List.of(-1, Fault.PERMISSION),
            List.of(-19, Fault.NOT_FOUND),
            List.of(-4, Fault.TIMEOUT),
            List.of(-5, Fault.OTHER),
            List.of(0x4006, Fault.OTHER), // the controller: internal error
            List.of(0x4009, Fault.OTHER))) { // generic status 9, which is no invalid log page
      OneController controller = new OneController(worn(), (int) row.getFirst());
      assertThat(new NvmeHealthLog(controller).read(DEVICE))
          .isEqualTo(new Result.Failed((Fault) row.getLast()));
      assertThat(controller.calls).last().isEqualTo("close 7");
    }
  }

  /** The kernel of this machine, whose devices are no controllers. */
  @Test
  void theRealCallFailsOnWhatIsNoController(@TempDir Path directory) throws IOException {
    NvmeHealthLog log = new NvmeHealthLog();
    assertThat(log.read(directory.resolve("nvme0"))).isEqualTo(new Result.Failed(Fault.NOT_FOUND));
    assertThat(log.read(Path.of("/dev/null"))).isEqualTo(new Result.Failed(Fault.OTHER)); // ENOTTY
    Path link = Files.createSymbolicLink(directory.resolve("nvme1"), Path.of("/dev/null"));
    assertThat(log.read(link)).isEqualTo(new Result.Failed(Fault.OTHER)); // ELOOP
  }
}
