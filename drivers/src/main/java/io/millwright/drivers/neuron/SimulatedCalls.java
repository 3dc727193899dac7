package io.millwright.drivers.neuron;

import io.millwright.drivers.neuron.binding.IoctlLayout;
import io.millwright.drivers.neuron.binding.PassiveCall;
import io.millwright.drivers.nvml.binding.NativeBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Answers of a simulated tree, from its file {@code millwright-simulated-ioctl.tsv}: the call's
 * name, the device's number or {@code *}, and the bytes of the answer in hexadecimal digits; for
 * the core map those of the map, not of the structure that points to it. {@code ENOTTY} for what is
 * not there.
 */
public final class SimulatedCalls implements NeuronCalls {
  public static final String FILE = "millwright-simulated-ioctl.tsv";

  private static final int ENOTTY = 25;
  private static final String ANY = "*";

  private final Path file;

  /**
   * @param root of the simulated tree
   */
  public SimulatedCalls(Path root) {
    this.file = root.resolve(FILE);
  }

  @Override
  public int call(int device, PassiveCall call, NativeBlock block) {
    Map<String, byte[]> answers = answers();
    byte[] own = answers.get(key(call.name(), Integer.toString(device)));
    byte[] answer = own == null ? answers.get(key(call.name(), ANY)) : own;
    if (answer == null) {
      return ENOTTY;
    }
    int from = call == PassiveCall.LOGICAL_TO_PHYSICAL_NC_MAP ? IoctlLayout.MAP : 0;
    for (int i = 0; i + 4 <= answer.length && from + i + 4 <= IoctlLayout.BLOCK; i += 4) {
      block.putInt(from + i, word(answer, i));
    }
    return 0;
  }

  private static int word(byte[] bytes, int at) {
    return Byte.toUnsignedInt(bytes[at])
        | (Byte.toUnsignedInt(bytes[at + 1]) << 8)
        | (Byte.toUnsignedInt(bytes[at + 2]) << 16)
        | (Byte.toUnsignedInt(bytes[at + 3]) << 24);
  }

  private Map<String, byte[]> answers() {
    Map<String, byte[]> answers = new HashMap<>();
    for (String line : lines()) {
      String[] words = line.split("\t", -1);
      if (words.length == 3 && words[2].matches("([0-9a-f]{8})+")) {
        answers.put(key(words[0], words[1]), HexFormat.of().parseHex(words[2]));
      }
    }
    return answers;
  }

  private static String key(String call, String device) {
    return call + ' ' + device;
  }

  private List<String> lines() {
    try {
      return Files.readAllLines(file);
    } catch (IOException absent) {
      return List.of();
    }
  }

  @Override
  public void close() {}
}
