// Which little picture stands for which kind of inject?
export const PICTURE = {report: "report", sensor: "bell", weather: "wind", road: "barrier", hospital: "hospital", camera: "camera", call: "phone", message: "send", team: "truck"}
