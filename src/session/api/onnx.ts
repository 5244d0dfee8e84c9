/** The model of a checkpoint as an ONNX file, for the terminal. */
export { onnxFile } from '../onnx-file.ts';
