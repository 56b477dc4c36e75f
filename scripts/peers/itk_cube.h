// Cubes of raw voxels as ITK's images, and back.
#pragma once

#include <itkImage.h>

#include <fstream>
#include <stdexcept>
#include <string>

template <class Voxel>
using Image = itk::Image<Voxel, 3>;

template <class Voxel>
typename Image<Voxel>::Pointer read_planes(const std::string& path, std::size_t edge, std::size_t planes) {
  auto image = Image<Voxel>::New();
  image->SetRegions(typename Image<Voxel>::SizeType{{edge, edge, planes}});
  image->Allocate();
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(image->GetBufferPointer()),
            static_cast<std::streamsize>(edge * edge * planes * sizeof(Voxel)));
  if (!file) throw std::runtime_error(path + " is too short");
  return image;
}

template <class Filter>
void write_result(Filter filter, const std::string& path) {
  filter->Update();
  const auto image = filter->GetOutput();
  const auto count = image->GetLargestPossibleRegion().GetNumberOfPixels();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(image->GetBufferPointer()),
             static_cast<std::streamsize>(count * sizeof(*image->GetBufferPointer())));
}
