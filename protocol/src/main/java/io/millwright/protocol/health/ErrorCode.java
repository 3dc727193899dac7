package io.millwright.protocol.health;

/**
 * The code of a device's error, as its vendor names it.
 *
 * @param text of an Xid or SXid the number; of AWS Neuron the type, as in {@code
 *     HBM_UNCORRECTABLE_ERROR}
 */
public record ErrorCode(Source source, String text) implements Comparable<ErrorCode> {

  /** Whose code it is; the words of the label {@code source}. */
  public enum Source {
    XID("xid", "nvidia"),
    /** Of NVIDIA's switches, which are no accelerators. */
    SXID("sxid", "nvidia"),
    NEURON("neuron", "aws");

    private final String word;
    private final String vendor;

    Source(String word, String vendor) {
      this.word = word;
      this.vendor = vendor;
    }

    public String word() {
      return word;
    }

    /** Whose devices have such codes. */
    public String vendor() {
      return vendor;
    }
  }

  /** NVIDIA's number. */
  public static ErrorCode xid(int number) {
    return new ErrorCode(Source.XID, Integer.toString(number));
  }

  /** NVIDIA's number of an error of a switch. */
  public static ErrorCode sxid(int number) {
    return new ErrorCode(Source.SXID, Integer.toString(number));
  }

  /** The word behind {@code NEURON_HW_ERR=} in the kernel log. */
  public static ErrorCode neuron(String type) {
    return new ErrorCode(Source.NEURON, type);
  }

  /** As people call it. */
  public String spoken() {
    return switch (source) {
      case XID -> "Xid " + text;
      case SXID -> "SXid " + text;
      case NEURON -> "Neuron error " + text;
    };
  }

  /** By source; numbers by their size. */
  @Override
  public int compareTo(ErrorCode other) {
    if (source != other.source) {
      return source.compareTo(other.source);
    }
    int byLength =
        source == Source.NEURON ? 0 : Integer.compare(text.length(), other.text.length());
    return byLength != 0 ? byLength : text.compareTo(other.text);
  }
}
