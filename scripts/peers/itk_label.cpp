// itk_label components 6|26 EDGE MASK.raw LABELS.raw: ITK's labels (uint32) of a cube of uint8.
// itk_label measure 0 EDGE LABELS.raw TABLE.txt: voxels, centroid and box of every label of a cube of uint32.
#include <itkConnectedComponentImageFilter.h>
#include <itkLabelImageToShapeLabelMapFilter.h>

#include <iostream>

#include "itk_cube.h"

namespace {

using Labels = Image<unsigned int>;

void label(bool corners, std::size_t edge, const std::string& mask, const std::string& path) {
  auto filter = itk::ConnectedComponentImageFilter<Image<unsigned char>, Labels>::New();
  filter->SetInput(read_planes<unsigned char>(mask, edge, edge));
  filter->SetFullyConnected(corners);
  write_result(filter, path);
}

void measure(std::size_t edge, const std::string& labels, const std::string& path) {
  auto filter = itk::LabelImageToShapeLabelMapFilter<Labels>::New();
  filter->SetInput(read_planes<unsigned int>(labels, edge, edge));
  filter->ComputePerimeterOff();
  filter->Update();
  std::ofstream table(path);
  const auto* objects = filter->GetOutput();
  for (itk::SizeValueType i = 0; i < objects->GetNumberOfLabelObjects(); ++i) {
    const auto* object = objects->GetNthLabelObject(i);
    table << object->GetLabel() << ' ' << object->GetNumberOfPixels() << ' ' << object->GetCentroid() << ' '
          << object->GetBoundingBox().GetIndex() << ' ' << object->GetBoundingBox().GetSize() << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 6) throw std::runtime_error("components|measure CONNECTIVITY EDGE INPUT OUTPUT");
    if (std::string(argv[1]) == "components")
      label(std::string(argv[2]) == "26", std::stoul(argv[3]), argv[4], argv[5]);
    else
      measure(std::stoul(argv[3]), argv[4], argv[5]);
  } catch (const std::exception& error) {
    std::cerr << "itk_label: " << error.what() << '\n';
    return 1;
  }
}
