package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CODEC_UTILIZATION_RATIO;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/** The engines for video, still pictures and optical flow. */
final class CodecReader implements Reader {
  private final int encoder;
  private final int decoder;
  private final int jpeg;
  private final int opticalFlow;

  CodecReader(SeriesTable.Builder table, Accelerator accelerator) {
    encoder = engine(table, accelerator, "encoder");
    decoder = engine(table, accelerator, "decoder");
    jpeg = engine(table, accelerator, "jpeg");
    opticalFlow = engine(table, accelerator, "ofa");
  }

  /** Whether the site sees this far. */
  static boolean wanted(SeriesTable.Builder table) {
    return table.wants(Metric.ACCELERATOR_CODEC_UTILIZATION_RATIO);
  }

  private static int engine(SeriesTable.Builder table, Accelerator accelerator, String engine) {
    return table.add(
        Cadence.MEDIUM, Series.of(ACCELERATOR_CODEC_UTILIZATION_RATIO, accelerator, engine));
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.MEDIUM) {
      return;
    }
    Nvml nvml = calls.nvml();
    long device = calls.device();
    long percent = calls.out(0);
    long period = calls.out(Integer.BYTES);
    calls.settleUnsigned(encoder, nvml.encoder(device, percent, period), Prefix.PERCENT);
    calls.settleUnsigned(decoder, nvml.decoder(device, percent, period), Prefix.PERCENT);
    calls.settleUnsigned(jpeg, nvml.jpeg(device, percent, period), Prefix.PERCENT);
    calls.settleUnsigned(opticalFlow, nvml.opticalFlow(device, percent, period), Prefix.PERCENT);
  }
}
