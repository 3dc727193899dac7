package io.millwright.protocol.frames;

/** What became of a KEY or DELTA; see {@link SampleDecoder}. */
public sealed interface SampleResult
    permits SampleResult.Complete, SampleResult.Partial, SampleResult.NeedsKey, MalformedFrame {

  /** All blocks of a sample are there: the decoder's row is what the encoder was given. */
  record Complete() implements SampleResult {}

  /** Further blocks of the same sample are to come. */
  record Partial() implements SampleResult {}

  /** The frame belongs to a chain that this decoder does not follow; the next KEY begins anew. */
  record NeedsKey(String why) implements SampleResult {}
}
