// How loud the microphone is, from 0 to 1, as often as the screen is drawn.

export class Meter {
  constructor(element) {
    this.element = element;
  }

  start(track) {
    this.stop();
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 512;
    this.context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const draw = () => {
      analyser.getFloatTimeDomainData(samples);
      const loudness = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
      this.element.value = Math.min(loudness * 4, 1);
      this.frame = requestAnimationFrame(draw);
    };
    draw();
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.context?.close();
    this.context = undefined;
    this.element.value = 0;
  }
}
